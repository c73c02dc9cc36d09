"""The watch room: signals of rises, what people decided about them, and the register of methods."""
