"""A browser without script, in small: it reads forms from a page and sends them by their own buttons."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client

EMPTY = {"input", "img", "link", "meta", "br", "hr"}  # elements without an end


class Form:
    """A form as a page shows it. `buttons`: by what stands on them, what each sends."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method.lower()
        self.fields: dict[str, str] = {}
        self.open: set[str] = set()  # names of what can be filled in or chosen
        self.buttons: dict[str, dict[str, str]] = {}


class Reader(HTMLParser):
    """The forms and links of a page; what is hidden from whoever has no script is not there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._stack: list[tuple[str, bool]] = []
        self._form: Form | None = None
        self._button: dict[str, str] | None = None
        self._area = ""
        self._said = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        hidden = "hidden" in given or any(hidden for _tag, hidden in self._stack)
        if tag not in EMPTY:
            self._stack.append((tag, hidden))
        if hidden or "disabled" in given:
            return
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None:
            self._part(tag, given)

    def _part(self, tag, given):
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and given.get("type", "submit") == "submit":
            self._button, self._said = ({name: value} if name else {}), ""
        elif tag in ("textarea", "select"):
            self._area, self._said = name, ""
            self._form.open.add(name)
        elif tag == "input" and given.get("type") in ("checkbox", "radio"):
            self._form.open.add(name)
            if "checked" in given:
                self._form.fields[name] = value
        elif tag == "input" and given.get("type") not in ("image", "file", "submit"):
            self._form.fields[name] = value
            if given.get("type") != "hidden":
                self._form.open.add(name)

    def handle_data(self, data):
        self._said += data

    def handle_endtag(self, tag):
        while self._stack and self._stack.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "button" and self._button is not None and self._form is not None:
            self._form.buttons[" ".join(self._said.split())] = self._button
            self._button = None
        elif tag == "textarea" and self._form is not None:
            self._form.fields[self._area] = self._said.strip()


class Browser:
    """Somebody whose browser runs no script. `page`: what it shows; `seen`: every address it went to."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
        self.page, self.at = "", "/"
        self.seen: list[str] = []

    def go(self, address):
        """Open an address."""
        self._show(self.client.get(address, follow=True), address)

    def press(self, label, **filled):
        """Fill in the form that has this button, and press it; where several have, the first that fits."""
        fitting = [
            form
            for form in Reader(self.page).forms
            if label in form.buttons and form.open.union(form.fields) >= filled.keys()
        ]
        assert fitting, f"no form to fill in with a button “{label}”"
        form = fitting[0]
        assert form.open >= filled.keys(), f"nothing to fill in or choose: {filled.keys() - form.open}"
        given = {**form.fields, **form.buttons[label], **filled}
        send = self.client.post if form.method == "post" else self.client.get
        address = urljoin(self.at, form.action) if form.action else self.at
        self._show(send(address, given, follow=True, HTTP_SEC_FETCH_SITE="same-origin"), address)

    def links(self):
        """Where the page leads."""
        return Reader(self.page).links

    def _show(self, answer, address):
        gone = [address, *(to for to, _status in getattr(answer, "redirect_chain", ()))]
        self.seen += gone
        self.at, self.page = urlsplit(urljoin(self.at, gone[-1])).path, answer.content.decode()
