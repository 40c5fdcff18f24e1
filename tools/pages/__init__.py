"""The pages of the documentation: what is made for them, and how they are read for being checked.

    python tasks.py pages            the texts: docs/fields.md, parts of docs/api.md, the drawing
    python tasks.py pages --images   the images of README, guide and fields too; a minute alone

`tests/docs/test_docs.py` fails where a page is not what this makes.
"""
