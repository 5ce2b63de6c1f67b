"""Registries of skills: a folder, a web server, and what both share."""

from core.adapters.registries.folder import FolderRegistry
from core.adapters.registries.http import HttpRegistry
from core.adapters.registries.opened import open_folder, open_registries, own_key

__all__ = ["FolderRegistry", "HttpRegistry", "open_folder", "open_registries", "own_key"]
