"""The last room: the public pages, composed of what every room before it has to tell, and open data."""
