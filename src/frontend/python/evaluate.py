"""What an expression of a Python file is for certain, without running the file: texts, numbers, lists, paths."""
import ast
import os

from literals import Scanner, Text


class Unknown(Exception):
    """The expression has no value before the file runs; the message says which part."""


class Value:
    """Marks a path that was put together from __file__, os.path and pathlib."""

    def __init__(self, path):
        self.path = path


class Evaluator:
    def __init__(self, path, source, tree):
        self.path, self.source, self.tree = path, source, tree
        self.parent, self.scope_of = {}, {}
        self.holes = []  # of the text that is being put together: [name, line, expression]
        self.used = set()  # ids of the literals that a text was made of
        self.defaults = []  # [name, value, line]: parameters that were taken to be their defaults
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parent[child] = node
        self.bindings = self.collect_bindings()

    def scope(self, node):
        while node in self.parent:
            node = self.parent[node]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)):
                return node
        return self.tree

    def collect_bindings(self):
        """{scope: {name: [statement that binds it]}}; attributes under the tree as ".name"."""
        bindings = {}
        for node in ast.walk(self.tree):
            targets = (node.targets if isinstance(node, ast.Assign) else
                       [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else [])
            for target in targets:
                if isinstance(target, ast.Name):
                    bindings.setdefault(self.scope(node), {}).setdefault(target.id, []).append(node)
                    if isinstance(self.parent.get(node), ast.ClassDef):
                        bindings.setdefault(self.tree, {}).setdefault("." + target.id, []).append(node)
                elif isinstance(target, ast.Attribute):
                    bindings.setdefault(self.tree, {}).setdefault("." + target.attr, []).append(node)
        return bindings

    # --- names

    def name(self, node, scope, name, frame):
        if name in frame:
            return frame[name]
        here = scope
        while True:
            if name in self.bindings.get(here, {}):
                return self.bound(node, self.bindings[here][name], here is scope, frame)
            if isinstance(here, (ast.FunctionDef, ast.AsyncFunctionDef)):
                default = self.default(here, name)
                if default is not None:
                    value = self.value(default, {})
                    self.defaults.append([name, str(getattr(value, "chars", value)), here.lineno])
                    return value
                if any(argument.arg == name for argument in here.args.args + here.args.kwonlyargs):
                    raise Unknown(f"'{name}' is a parameter")
            if here is self.tree:
                raise Unknown(f"'{name}' is not known")
            here = self.scope(here)

    @staticmethod
    def default(function, name):
        arguments, defaults = function.args.args, function.args.defaults
        for argument, value in zip(arguments[len(arguments) - len(defaults):], defaults):
            if argument.arg == name:
                return value
        for argument, value in zip(function.args.kwonlyargs, function.args.kw_defaults):
            if argument.arg == name and value is not None:
                return value
        return None

    def bound(self, use, statements, same_scope, frame):
        """Of a name's assignments the last before its use; what is added to it after that is part of it."""
        before = [one for one in statements if not same_scope or one.lineno < use.lineno]
        if not before:
            raise Unknown("it is used before it is set")
        if any(self.in_loop(one, use) for one in before):
            raise Unknown("it is set in a loop")
        first = max((i for i, one in enumerate(before) if not isinstance(one, ast.AugAssign)), default=None)
        if first is None or before[first].value is None:
            raise Unknown("it is never set")
        value = self.value(before[first].value, frame)
        for one in before[first + 1:]:
            if not isinstance(one.op, ast.Add):
                raise Unknown("it is changed by more than additions")
            value = self.add(value, self.value(one.value, frame))
        return value

    def in_loop(self, statement, use):
        node = statement
        while node in self.parent:
            node = self.parent[node]
            if isinstance(node, (ast.For, ast.While)) and isinstance(statement, ast.AugAssign):
                return True
            if isinstance(node, (ast.FunctionDef, ast.Module)):
                return False
        return False

    # --- values

    def value(self, node, frame=None):
        """A Text, number, bool, None, list, or Value; raises Unknown."""
        frame = frame or {}
        method = getattr(self, "of_" + type(node).__name__, None)
        if method is None:
            raise Unknown(f"'{ast.unparse(node)[:60]}' has no value before the file runs")
        return method(node, frame)

    def of_Constant(self, node, frame):
        if isinstance(node.value, str):
            self.used.add(id(node))
            return Scanner(self.source, node, None).read()
        return node.value

    def of_JoinedStr(self, node, frame):
        self.used.add(id(node))
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return Scanner(self.source, node, lambda n, line: self.hole(parts[n], line, frame)).read()

    def hole(self, part, line, frame):
        try:
            value = self.value(part.value, frame)
            if part.format_spec is not None:
                value = Text.at(format(getattr(value, "chars", value), self.value(part.format_spec, frame).chars), line)
            return Text.at(self.as_text(value, part).chars, line)
        except (Unknown, ValueError) as why:
            return self.open_hole(ast.unparse(part.value), line, str(why))

    def open_hole(self, expression, line, why):
        name = expression if expression.isidentifier() else "KV_HOLE_" + str(len(self.holes) + 1)
        if not any(hole["name"] == name for hole in self.holes):
            self.holes.append({"name": name, "line": line, "expression": expression, "why": why})
        return Text.at(name, line)

    @staticmethod
    def as_text(value, node):
        if isinstance(value, Text):
            return value
        if value is None or isinstance(value, (bool, int, float)):
            return Text.at(str(value), node.lineno)
        raise Unknown("it is no text")

    def of_Name(self, node, frame):
        if node.id == "__file__":
            return Value(self.path)
        return self.name(node, self.scope(node), node.id, frame)

    def of_Attribute(self, node, frame):
        if node.attr in ("parent",):
            return Value(os.path.dirname(self.as_path(self.value(node.value, frame))))
        known = self.bindings.get(self.tree, {}).get("." + node.attr)
        if not known:
            raise Unknown(f"'{ast.unparse(node)}' is not known")
        return self.bound(node, known, False, frame)

    def of_List(self, node, frame):
        return [self.value(part, frame) for part in node.elts]

    of_Tuple = of_List

    def of_Dict(self, node, frame):
        return [self.value(key, frame) for key in node.keys if key is not None]

    def of_IfExp(self, node, frame):
        test = self.value(node.test, frame)
        return self.value(node.body if test else node.orelse, frame)

    def of_UnaryOp(self, node, frame):
        value = self.value(node.operand, frame)
        if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
            return -value
        raise Unknown(f"'{ast.unparse(node)[:60]}' is not simple")

    def of_BinOp(self, node, frame):
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(node.op, ast.Add):
            return self.add(left, right)
        if isinstance(node.op, ast.Div) and (isinstance(left, Value) or isinstance(right, Value)):
            return Value(os.path.join(self.as_path(left), self.as_path(right)))
        if isinstance(node.op, ast.Mod) and isinstance(left, Text):
            return self.percent(left, right, node)
        numbers = all(isinstance(side, (int, float)) for side in (left, right))
        try:
            if numbers and isinstance(node.op, ast.Sub):
                return left - right
            if numbers and isinstance(node.op, ast.Mult):
                return left * right
            if numbers and isinstance(node.op, ast.FloorDiv):
                return left // right
            if numbers and isinstance(node.op, ast.Div):
                return left / right
            if numbers and isinstance(node.op, ast.LShift):
                return left << right
        except (ZeroDivisionError, TypeError, ValueError):
            pass
        raise Unknown(f"'{ast.unparse(node)[:60]}' is not simple")

    @staticmethod
    def add(left, right):
        if type(left) is type(right) and isinstance(left, (Text, list)):
            return left + right
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return left + right
        raise Unknown("a sum of unlike things")

    def as_path(self, value):
        if isinstance(value, Value):
            return value.path
        if isinstance(value, Text):
            return value.chars
        raise Unknown("it is no path")

    # --- calls

    def of_Call(self, node, frame):
        function = node.func
        if isinstance(function, ast.Attribute):
            called = function.attr
            if called in ("join", "dirname", "abspath", "realpath") and ast.unparse(function.value) in ("os.path", "osp", "path"):
                parts = [self.as_path(self.value(part, frame)) for part in node.args]
                return Value(os.path.join(*parts) if called == "join" else
                             os.path.dirname(parts[0]) if called == "dirname" else parts[0])
            if called in ("read", "read_text", "resolve", "absolute", "as_posix"):
                return self.on_path(called, function.value, frame)
            if called in ("dedent", "cleandoc"):
                return self.dedented(self.value(node.args[0], frame))
            if called in ("format", "replace", "strip", "lstrip", "rstrip", "join", "substitute", "safe_substitute"):
                return self.on_text(called, node, frame)
        name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        if name in ("str", "Path", "Template", "open", "PurePath", "fspath") and node.args:
            value = self.value(node.args[0], frame)
            if name == "str":
                return self.as_text(value, node) if not isinstance(value, Value) else value
            return Value(self.as_path(value)) if name != "Template" else value
        return self.of_own_function(name, node, frame)

    def of_own_function(self, name, node, frame):
        made = [one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef) and one.name == name]
        returns = [one for one in ast.walk(made[0]) if isinstance(one, ast.Return)] if len(made) == 1 else []
        if len(returns) != 1 or returns[0].value is None or frame.get("depth", 0) > 8:
            raise Unknown(f"'{ast.unparse(node)[:60]}' has no value before the file runs")
        inner = {"depth": frame.get("depth", 0) + 1}
        for argument, given in zip(made[0].args.args, node.args):
            inner[argument.arg] = self.value(given, frame)
        for keyword in node.keywords:
            if keyword.arg:
                inner[keyword.arg] = self.value(keyword.value, frame)
        return self.value(returns[0].value, inner)

    def on_path(self, called, node, frame):
        value = self.value(node, frame)
        if called not in ("read", "read_text"):
            return value
        path = os.path.join(os.path.dirname(self.path), self.as_path(value))
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError as error:
            raise Unknown(f"'{path}' can't be read: {error.strerror}") from error
        return Text.at(text, node.lineno)

    def on_text(self, called, node, frame):
        text = self.value(node.func.value, frame)
        if not isinstance(text, Text):
            raise Unknown(f"'{ast.unparse(node)[:60]}' is not simple")
        if called.endswith("strip"):
            chars = self.as_path(self.value(node.args[0], frame)) if node.args else None
            return text.stripped(called != "rstrip", called != "lstrip", chars)
        if called == "join":
            parts = [self.as_text(part, node) for part in self.value(node.args[0], frame)]
            return Text.joined(piece for i, part in enumerate(parts) for piece in ([text, part] if i else [part]))
        if called == "replace":
            try:
                new = self.as_text(self.value(node.args[1], frame), node)
            except Unknown as why:
                new = self.open_hole(ast.unparse(node.args[1]), node.lineno, str(why))
            return text.replaced(self.as_path(self.value(node.args[0], frame)), new)
        return self.filled(text, called, node, frame)

    def filled(self, text, called, node, frame):
        """str.format with names and numbers in braces; string.Template with $name and ${name}."""
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        begin, parts, count, dollar = 0, [], 0, called != "format"
        chars = text.chars
        while begin < len(chars):
            char, line = chars[begin], text.lines[begin]
            if char != ("$" if dollar else "{") and (dollar or char != "}"):
                parts.append(text[begin:begin + 1])
                begin += 1
                continue
            if chars[begin + 1:begin + 2] == char:
                parts.append(text[begin:begin + 1])
                begin += 2
                continue
            name, begin = self.field(chars, begin, dollar)
            expression = named.get(name)
            if expression is None and not dollar and (name == "" or name.isdigit()):
                place = int(name) if name else count
                count += 1
                expression = node.args[place] if place < len(node.args) else None
            parts.append(self.field_text(name, expression, node, frame, line))
        return Text.joined(parts)

    @staticmethod
    def field(chars, begin, dollar):
        """(name of the field that begins here, where the text goes on)"""
        end = begin + 1
        if dollar and chars[end:end + 1] != "{":
            while end < len(chars) and (chars[end].isalnum() or chars[end] == "_"):
                end += 1
            return chars[begin + 1:end], end
        end = chars.find("}", begin)
        if end < 0:
            raise Unknown("a brace without its partner in a format")
        return chars[begin + (2 if dollar else 1):end].split(":")[0].split("!")[0], end + 1

    def field_text(self, name, expression, node, frame, line):
        try:
            if expression is None:
                raise Unknown("nothing is given for it")
            return Text.at(self.as_text(self.value(expression, frame), node).chars, line)
        except Unknown as why:
            shown = name if name.isidentifier() or expression is None else ast.unparse(expression)
            return self.open_hole(shown, line, str(why))

    def percent(self, text, right, node):
        values = list(right) if isinstance(right, list) else [right]
        parts, begin = [], 0
        while begin < len(text.chars):
            kind = text.chars[begin + 1:begin + 2] if text.chars[begin] == "%" else ""
            if kind in ("", "%"):
                parts.append(text[begin:begin + 1])
                begin += 2 if kind else 1
            elif kind in ("s", "d") and values:
                parts.append(Text.at(self.as_text(values.pop(0), node).chars, text.lines[begin]))
                begin += 2
            else:
                raise Unknown("a % that is more than %s and %d")
        return Text.joined(parts)

    @staticmethod
    def dedented(text):
        if not isinstance(text, Text):
            raise Unknown("dedent of no text")
        rows, begin = [], 0
        for end in [i + 1 for i, char in enumerate(text.chars) if char == "\n"] + [len(text.chars)]:
            rows.append(text[begin:end])
            begin = end
        margins = [len(row.chars) - len(row.chars.lstrip(" \t")) for row in rows if row.chars.strip()]
        margin = min(margins, default=0)
        return Text.joined(row[min(margin, len(row.chars) - len(row.chars.lstrip(" \t"))):] for row in rows)
