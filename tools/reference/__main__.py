"""Write what the code knows into the reference pages: `make reference`."""

from tools.reference.pages import ROOT, pages

for path, text in pages().items():
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")
