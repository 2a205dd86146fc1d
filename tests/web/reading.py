"""A page as a reader without styles or scripts meets it: headings, links, ids, labels, text."""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.headings, self.links, self.ids, self.open, self.labels, self.fields = [], [], [], [], [], []
        self.landmarks, self.scripts, self.styled, self.words, self.named = [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3", "h4", "h5"}:
            self.headings.append([int(tag[1]), ""])
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"])
        if tag == "label":
            self.labels.append(attrs["for"])
        if tag in {"input", "select"}:
            self.fields.append(attrs["id"])
        if tag in {"main", "header", "footer", "nav", "aside"}:
            self.landmarks.append((tag, attrs.get("aria-label") or attrs.get("aria-labelledby")))
        if tag == "script":
            self.scripts.append(attrs)
        if "aria-labelledby" in attrs:
            self.named.append(attrs["aria-labelledby"])
        if "style" in attrs or any(name.startswith("on") for name in attrs):
            self.styled.append((tag, attrs))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)
        if self.headings and f"h{self.headings[-1][0]}" in self.open:
            self.headings[-1][1] += data

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def titles(self, level):
        return [text.strip() for n, text in self.headings if n == level]
