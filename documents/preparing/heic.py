"""HEIC photos: image.py with libheif's decoder registered. Apart, so that nothing else ever loads that decoder."""

from pillow_heif import register_heif_opener

from documents.preparing.image import pictures, prepare

__all__ = ["pictures", "prepare"]

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
