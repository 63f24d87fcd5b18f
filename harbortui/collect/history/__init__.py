"""The local history: what no backend keeps, in one SQLite file per host and user, whose readers merge all of them.

Files on a network are why it is so: SQLite's locks cannot be trusted between hosts there, and WAL's shared memory does
not exist. So no file is ever written from two hosts. On one host the processes of a user share their file by SQLite's
ordinary locks and rollback journal, which the kernel keeps right also on a network file system, or which fail loudly.
Files of others are read without any lock: the journal and the change counter tell whether a write fell into the read,
which then is done again (``foreign.py``). This holds on every file system alike, so that nothing has to be guessed.
"""
