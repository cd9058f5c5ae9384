"""Storage and engines, one file each; the only room that imports them."""
