"""Between the web server's connections and Django: nobody who sends or reads slowly holds a thread."""
