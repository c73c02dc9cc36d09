"""What holds the rooms together: their manifests, and the work that belongs to the house and to no room."""
