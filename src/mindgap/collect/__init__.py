"""Bringing data in, from files and from clients, and keeping count of every row and message.

    files/       what lies in files: inspect -> Inspection -> read -> ImportResult (`files.importing`)
    events/      what arrives as messages: Delivery -> Entry of the log -> EventRow, or a fault
    wire/        what clients send over HTTP, one module a format
    connectors/  what we fetch ourselves, one module a kind; `connector` says what one is

Nothing here knows where a workspace keeps what it is given.
"""
