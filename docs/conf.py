"""How `make docs` makes the site: Sphinx, its theme furo, and Markdown by MyST."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "typedws"
author = "The typedws developers"
project_copyright = "the typedws developers"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "tests.site.public_names",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["examples"]
nitpicky = False  # `tests/site` checks the links; annotations name what is private, too
smartquotes_action = "D"  # dashes only: the sentence of an error is quoted as it is
suppress_warnings: list[str] = []

# Markdown as GitHub shows it, so that a page reads the same there.
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

# Docstrings: Google style, with one section more, and code in single backticks.
default_role = "public"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [
    ("Attributes", "params_style"),
    ("Cancel safety", "notes_style"),
]
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 72
add_module_names = False
toc_object_entries_show_parents = "hide"

pygments_style = "friendly"
pygments_dark_style = "github-dark"

html_theme = "furo"
html_title = "typedws"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1a5fb4",
        "color-brand-content": "#1a5fb4",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab8ff",
        "color-brand-content": "#8ab8ff",
    },
}
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp"
