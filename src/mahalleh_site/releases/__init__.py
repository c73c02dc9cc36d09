"""The releases room: counts made safe to publish, frozen, and read back as totals, curves and pictures."""
