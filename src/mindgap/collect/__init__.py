"""Bringing data in: recognise a file's format and columns, clean its rows, keep count of every one.

    inspect -> Inspection (what was found, what is doubtful) -> read -> ImportResult (a part, its counts)

`collect.importing` is the front door. Nothing here knows where a workspace keeps its parts.
"""
