"""The bundled runbooks: Markdown files with front matter, which page fits what, and real names filled into them.

Pure but for reading the files of the package: nothing here asks a backend, and nothing here runs a command.
"""
