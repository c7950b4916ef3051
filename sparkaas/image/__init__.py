# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-image``: builds node images, uploads them to Glance, registers them.

What an image consists of is said by the elements in ``elements/``, which are those of
diskimage-builder. That builds with them; where it is not, or cannot run, the stages in
here do, from the same scripts.
"""
