"""String literals of Python source, character by character with the line that each came from."""
import ast


class Text:
    """A string, and for each of its characters the line of the Python file that it is from."""

    def __init__(self, chars="", lines=()):
        self.chars, self.lines = chars, list(lines)

    @staticmethod
    def at(chars, line):
        return Text(chars, [line] * len(chars))

    def __add__(self, other):
        return Text(self.chars + other.chars, self.lines + other.lines)

    @staticmethod
    def joined(parts):
        parts = list(parts)
        return Text("".join(part.chars for part in parts), [line for part in parts for line in part.lines])

    def __getitem__(self, span):
        return Text(self.chars[span], self.lines[span])

    def stripped(self, left=True, right=True, chars=None):
        kept = self.chars.lstrip(chars) if left else self.chars
        begin = len(self.chars) - len(kept)
        kept = kept.rstrip(chars) if right else kept
        return self[begin:begin + len(kept)]

    def replaced(self, old, new):
        parts, begin = [], 0
        while old:
            found = self.chars.find(old, begin)
            if found < 0:
                break
            parts += [self[begin:found], Text.at(new.chars, self.lines[found])]
            begin = found + len(old)
        return Text.joined(parts + [self[begin:]])

    def rows(self):
        """[[line of the Python file, text of the line], …]; a line is numbered by its first character."""
        rows, begin = [], 0
        for end in [i for i, char in enumerate(self.chars) if char == "\n"] + [len(self.chars)]:
            if begin == len(self.chars):
                break
            rows.append([self.lines[begin], self.chars[begin:end]])
            begin = end + 1
        return rows


SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


class Scanner:
    """Reads the literals of one expression of constants and f-strings (adjacent ones are one string)."""

    def __init__(self, source, node, hole):
        """`hole(n, line)` gives the Text of the n-th hole of the expression's f-strings."""
        rows = source.split("\n")
        self.source, self.hole, self.holes = source, hole, 0
        self.offset = self.place(rows, node.lineno, node.col_offset)
        self.end = self.place(rows, node.end_lineno, node.end_col_offset)
        self.line = node.lineno

    @staticmethod
    def place(rows, line, column):
        before = sum(len(row) + 1 for row in rows[:line - 1])
        return before + len(rows[line - 1].encode()[:column].decode(errors="replace"))

    def step(self, count=1):
        taken = self.source[self.offset:self.offset + count]
        self.line += taken.count("\n")
        self.offset += count
        return taken

    def read(self):
        parts = []
        while self.offset < self.end:
            char = self.source[self.offset]
            if char == "#":
                while self.offset < self.end and self.source[self.offset] != "\n":
                    self.step()
            elif char in " \t\r\n\\()":
                self.step()
            else:
                parts.append(self.literal())
        return Text.joined(parts)

    def literal(self):
        prefix = ""
        while self.source[self.offset] not in "'\"":
            if self.offset >= self.end or len(prefix) > 2:
                raise ValueError("not a literal")
            prefix += self.step().lower()
        quote = self.source[self.offset]
        quote = self.step(3 if self.source[self.offset:self.offset + 3] == quote * 3 else 1)
        parts = []
        while not self.source.startswith(quote, self.offset):
            if self.offset >= self.end:
                raise ValueError("a literal without end")
            line = self.line
            parts.append(self.read_hole() if self.at_hole(prefix) else Text.at(self.one(prefix), line))
        self.step(len(quote))
        return Text.joined(parts)

    def at_hole(self, prefix):
        return "f" in prefix and self.source[self.offset] == "{" and self.source[self.offset + 1] != "{"

    def one(self, prefix):
        """The next character as Python reads it, escapes resolved; "" for an escaped line end."""
        char = self.step()
        if "f" in prefix and char in "{}" and self.source[self.offset] == char:
            self.step()
            return char
        if char != "\\":
            return char
        if "r" in prefix:
            # A raw string keeps the backslash; it still keeps a quote from ending the string.
            return char + self.step()
        after = self.step()
        if after == "\n":
            return ""
        if after in SIMPLE:
            return SIMPLE[after]
        if after in "01234567":
            digits = after
            while len(digits) < 3 and self.source[self.offset] in "01234567":
                digits += self.step()
            return chr(int(digits, 8))
        if after in "xuU":
            return chr(int(self.step({"x": 2, "u": 4, "U": 8}[after]), 16))
        if after == "N":
            end = self.source.index("}", self.offset)
            return ast.literal_eval('"\\N' + self.step(end + 1 - self.offset) + '"')
        return char + after

    def read_hole(self):
        """Skips `{expression!r:format}` and gives what stands for it."""
        depth, quote, line = 0, "", self.line
        while True:
            char = self.step()
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char in "{[(":
                depth += 1
            elif char in "}])":
                depth -= 1
                if depth == 0:
                    break
        self.holes += 1
        return self.hole(self.holes - 1, line)
