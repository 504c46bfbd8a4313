"""Write OCI images byte for byte reproducibly, without an engine or a registry.

The rules of a layer: PAX tar without extra records, entries sorted by the bytes of
their path, one fixed time, owner 0:0 without names, folders 0755, files 0755 if the
owner may execute them and 0644 otherwise, links 0777, hard links as plain files.
Nothing of the build machine gets in, so two machines write the same image ID.
"""

from bundles.oci.entries import (
    Entry,
    LayerSource,
    MemoryFile,
    MemoryLayer,
    RootfsLayer,
    TreeLayer,
)
from bundles.oci.image import write_image, write_index
from bundles.oci.layer import write_layer
from bundles.oci.model import BuiltImage, ImageConfig, ImageSpec, Layer

__all__ = [
    "BuiltImage",
    "Entry",
    "ImageConfig",
    "ImageSpec",
    "Layer",
    "LayerSource",
    "MemoryFile",
    "MemoryLayer",
    "RootfsLayer",
    "TreeLayer",
    "write_image",
    "write_index",
    "write_layer",
]
