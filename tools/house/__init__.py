"""The picture of the house, made from its imports: `python -m tools.house OUT.svg [--rev REV]`.

Each room (a module or package directly below a root package) is a box on the floor that `.importlinter` gives
it; one that stands in no layer is put just above what it imports. Imports between two rooms are one arrow.
Arrows run down; one that climbs back is drawn in pomegranate and dashed.
"""
