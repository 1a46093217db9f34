"""The HTTP face: the application, its guards, one file of routes per resource, and the live feed."""
