"""Templates whose lines can be reviewed: broken where no reader of the page can tell.

`python -m tools.templates` breaks the long lines of every template; `check` fails where it would change one,
or where a line is still longer than `WIDTH` without holding a translated sentence. Where a line may break:

- between the attributes of a tag;
- where white space already stands in running text, or in a translated sentence that is `trimmed`;
- beside the border of a block (`<p>`, `<li>`, a cell, an SVG shape), where a browser drops white space.

Between inline elements a new line would be a new space, so none is made there (`flow` says where one does no
harm). Never inside `{% %}` and `{{ }}` (Django reads those within one line), values of attributes, `<pre>`,
`<textarea>`, `<script>` and `<style>`. Indentation is djhtml's, the order of tags at the top is djade's.

`prove` renders every page of the site's tests from a commit's templates too and compares both renderings;
`compare` holds two folders of rendered pages against each other.
"""

WIDTH = 120
TAB = 2
DJANGO = "5.2"
