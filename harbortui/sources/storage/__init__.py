"""The object store: the bucket through boto3, health and statistics through the store's own endpoints."""
