"""Between connections and Django."""
