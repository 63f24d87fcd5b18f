"""Counting a bucket by listing it: signed like botocore, fetched in parallel, parsed as a stream, each key once.

The key space is cut into contiguous ranges (``ranges``), so that no key can fall between two or into both, whatever
the hints that the cuts come from (``survey``, ``cuts``) are worth. Each range is walked page by page (``walk``), pages
are fetched with retries at a pace that follows the store (``fetch``, ``pace``), and keys are discarded as soon as they
are added up (``tally``). boto3 would need 54 ms of CPU for each page of 1000 keys, and no number of threads makes that
less.
"""
