"""Elements of HTML and SVG by what a browser does with white space beside them."""


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


VOID = names("area base br col embed hr img input link meta param source track wbr")
RAW = names("script style pre textarea")  # read as they stand

# Shown as a block by every browser, or not shown at all. What our own stylesheets make a block is not in the
# list, since one rule less there would make a gap here.
BLOCKS = names(
    """
    address article aside base blockquote body br caption col colgroup dd details dialog dir div dl dt
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li link main
    menu meta nav ol optgroup option p pre script search section style summary table tbody td tfoot th thead
    title tr ul
    """
) | names(  # shapes of SVG, wherever they stand
    """
    circle clippath defs ellipse g line lineargradient marker mask path pattern polygon polyline rect stop use
    """
)
HOLDERS = names("button select svg")  # inline outside, but their inside begins and ends a line of its own
