"""Mahalleh, the library: neighbourhood safety as counts by topic, area and period.

Numbers in, numbers out: no Django, no HTTP, no clock, no global state. Nothing here can hold a person.
"""
