"""TIFF, WebP and AVIF: image.py with Pillow's decoders for them registered. Apart, as loading them costs time."""

from PIL import AvifImagePlugin, TiffImagePlugin, WebPImagePlugin

from documents.preparing.image import pictures, prepare

__all__ = ["AvifImagePlugin", "TiffImagePlugin", "WebPImagePlugin", "pictures", "prepare"]
