"""The big views, one file each; every one is a mode of the app."""
