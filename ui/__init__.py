"""Web pages, HTTP API, builder, command line, composition."""
