"""As much of JSON Schema as `routerone schema` writes; what it does not know is an error. A field that the
schema does not tell of is one too: programs may take more fields, but are to be told of those there are."""
import re

KNOWN = {"$schema", "$comment", "$defs", "$ref", "description", "type", "properties", "required", "items",
         "additionalProperties", "anyOf", "format", "pattern"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of(kind, value):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[kind])


def breaches(value, schema, root=None, where="$"):
    """What of the schema does not hold, a line each."""
    root = root or schema
    if set(schema) - KNOWN:
        return [f"{where}: unknown words {set(schema) - KNOWN}"]
    if "$ref" in schema:
        return breaches(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, where)
    if "anyOf" in schema:
        tried = [breaches(value, each, root, where) for each in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    if "type" in schema and not is_of(schema["type"], value):
        return [f"{where}: {value!r:.60} is no {schema['type']}"]
    found = []
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: {value!r} is not {schema['pattern']}")
    if schema.get("format") == "date-time" and not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
        found.append(f"{where}: {value!r} is no time")
    if isinstance(value, list) and "items" in schema:
        for i, each in enumerate(value):
            found += breaches(each, schema["items"], root, f"{where}[{i}]")
    if isinstance(value, dict):
        found += [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, each in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                found += breaches(each, inner, root, f"{where}.{name}")
            elif "properties" in schema:
                found.append(f"{where}: {name} is not told of")
    return found
