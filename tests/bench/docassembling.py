"""docassemble's own way to put PDFs together, run by a Python that has docassemble.base: `OUT FILE…`.

Says what that alone cost: a server loads the package once, which takes seconds.
"""

import importlib
import shutil
import sys
import time
from unittest.mock import MagicMock

# Its grammars fetch word lists from the internet when they are imported, which no PDF needs.
for language in ("", ".en", ".es", ".de", ".fr", ".it", ".nl"):
    sys.modules[f"docassemble_pattern{language}"] = MagicMock()

engine = importlib.import_module("docassemble.base.pandoc")
began = time.process_time()
shutil.move(engine.concatenate_files(sys.argv[2:]), sys.argv[1])
print(f"\ncpu {time.process_time() - began:.3f}")
