"""Open311 GeoReport v2: other programs read what the public may see, and send reports for residents."""
