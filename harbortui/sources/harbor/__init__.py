"""Harbor's API v2.0: what it says of itself, its replication and its garbage collection."""
