"""Mahalleh, the site: it stores, shows, asks and decides, and calls the library for every calculation."""
