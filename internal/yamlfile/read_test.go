package yamlfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dump writes every value with its place.
func dump(n *node, path Path, b *strings.Builder) {
	fmt.Fprintf(b, "%d:%d %s", n.place.Line, n.place.Column, path)
	switch n.kind {
	case mapping:
		b.WriteString(" {}\n")
		for _, m := range n.members {
			fmt.Fprintf(b, "%d:%d key %s\n", m.place.Line, m.place.Column, Quote(m.key))
			dump(m.value, path.child(m.key), b)
		}
	case list:
		b.WriteString(" []\n")
		for i, item := range n.items {
			dump(item, path.child(i), b)
		}
	default:
		fmt.Fprintf(b, " %s\n", n.quote())
	}
}

func TestPlaces(t *testing.T) {
	for name, text := range map[string]string{
		"block":     "a: x\nb:\n  - 1\n  - {c: é, d: true}\n",
		"CRLF":      "a: x\r\nb:\r\n  - 1\r\n  - {c: é, d: true}\r\n",
		"no indent": "a: x\nb:\n- 1\n- {c: é, d: true}\n",
		"JSON":      "{\n\t\"a\":\"x\",\"b\" : [1,\r\n {\"c\":\"é\",\"d\":true}]}",
	} {
		root, problem := parse("a", []byte(text))
		if problem != nil {
			t.Errorf("%s: %v", name, problem)
			continue
		}
		var got strings.Builder
		dump(root, nil, &got)
		want := "1:1  {}\n1:1 key \"a\"\n1:4 a \"x\"\n2:1 key \"b\"\n3:3 b []\n3:5 b[0] 1\n4:5 b[1] {}\n4:6 key \"c\"\n4:9 b[1].c \"é\"\n4:12 key \"d\"\n4:15 b[1].d true\n"
		switch name {
		case "no indent":
			want = strings.NewReplacer("3:3 ", "3:1 ", "3:5", "3:3", "4:5", "4:3", "4:6", "4:4", "4:9", "4:7", "4:12", "4:10", "4:15", "4:13").Replace(want)
		case "JSON":
			want = "1:1  {}\n2:2 key \"a\"\n2:6 a \"x\"\n2:10 key \"b\"\n2:16 b []\n2:17 b[0] 1\n3:2 b[1] {}\n3:3 key \"c\"\n3:7 b[1].c \"é\"\n3:11 key \"d\"\n3:15 b[1].d true\n"
		}
		if got.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got.String(), want)
		}
	}
}

func TestScalarsOfYAML(t *testing.T) {
	for text, want := range map[string]string{
		"a: x y":              `"x y"`,
		"a: 'x: \"y'":         `"x: \"y"`,
		"a: \"\\u00e9\\n\"":   `"é\n"`,
		"a: |\n  b\n  c: d\n": `"b\nc: d\n"`,
		"a: >-\n  b\n  c\n":   `"b c"`,
		"a: b\n  c":           `"b c"`,
		"a: 10":               "10",
		"a: 0x1F":             "0x1F",
		"a: 1_000":            "1_000",
		"a: -1.5":             "-1.5",
		"a: .inf":             ".inf",
		"a: .nan":             ".nan",
		"a: true":             "true",
		"a: True":             "true",
		"a: yes":              `"yes"`,
		"a: 2026-01-05":       `"2026-01-05"`,
		"a:":                  "empty",
		"a: ~":                "empty",
		"a: null":             "empty",
		"a: ''":               `""`,
		"a: x # y":            `"x"`,
		"a: x#y":              `"x#y"`,
		"a: arn:aws:x":        `"arn:aws:x"`,
		"1: x":                "empty", // the key is "1"
	} {
		root, problem := parse("a", []byte(text))
		if problem != nil {
			t.Errorf("%q: %v", text, problem)
			continue
		}
		value := root.get("a")
		if value == nil {
			value = &node{}
		}
		if got := value.quote(); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

// Files that would take long, or much, are refused quickly.
func TestBounds(t *testing.T) {
	for name, text := range map[string]string{
		"large":                  strings.Repeat("# a\n", 20_000),
		"open brackets":          strings.Repeat("[", 60_000),
		"open braces":            strings.Repeat("{a: ", 16_000),
		"open brackets in JSON":  `{"a":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}",
		"dashes":                 strings.Repeat("- ", 30_000),
		"nested blocks":          blocks(300),
		"keys":                   strings.Repeat("a: 1\n", 13_000),
		"thirteen deep":          strings.Repeat("[", 13) + strings.Repeat("]", 13),
		"thirteen deep in JSON":  `{"a":` + strings.Repeat("[", 12) + strings.Repeat("]", 12) + "}",
		"thirteen deep in lines": blocks(12) + strings.Repeat(" ", 12) + "- 1\n",
	} {
		if _, problem := parse("a", []byte(text)); problem == nil {
			t.Errorf("%s: read", name)
		}
	}
	// The parser is quadratic in what is never closed, so depth is looked at before it.
	if _, problem := parse("a", []byte(strings.Repeat("[", 9_000))); problem == nil || !strings.Contains(problem.Text, "nested more than 12 deep") {
		t.Errorf("open brackets: %v", problem)
	}
	for name, text := range map[string]string{
		"twelve deep":          strings.Repeat("[", 12) + strings.Repeat("]", 12),
		"twelve deep in JSON":  `{"a":` + strings.Repeat("[", 11) + strings.Repeat("]", 11) + "}",
		"twelve deep in lines": blocks(11),
		"64 KB":                "#" + strings.Repeat("a", maxBytes-6) + "\na: 1",
	} {
		if _, problem := parse("a", []byte(text)); problem != nil {
			t.Errorf("%s: %v", name, problem)
		}
	}
}

func blocks(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestJSONOrYAML(t *testing.T) {
	for _, c := range []struct {
		name, text string
		wrong      bool
	}{
		{"a.json", `{"a": 1}`, false},
		{"a.json", "a: 1", true},
		{"a.yaml", `{"a": 1}`, false},
		{"a.yaml", "{\t\"a\":\"\\ud83d\\ude00\"}", false},
		{"a.yaml", "{a: 1}", false},
		{"/serin/targets/a", "\n {\"a\":1}\n", false},
		{"a.json", `{"a": 1, "a": 2}`, false}, // found by the table, with its path
		{"a.json", `{"a": 1,}`, true},
		{"a.json", `{"a": 01}`, true},
		{"a.json", `{"a": NaN}`, true},
		{"a.json", `{"a": "` + "\xff" + `"}`, true},
		{"a.json", `null`, false},
		{"a.json", `{"a": 1} 2`, true},
		{"a.json", `{"a": 1}}`, true},
	} {
		if _, problem := parse(c.name, []byte(c.text)); (problem != nil) != c.wrong {
			t.Errorf("%s %q: %v", c.name, c.text, problem)
		}
	}
}

// Whatever values there are: JSON and YAML are written and read back to the same.
func TestWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := &node{kind: mapping, members: []member{{key: "a", value: drawNode(t, 1)}, {key: "b", value: drawNode(t, 1)}}}
		var want bytes.Buffer
		root.json(&want)
		written := (&File{root: root}).YAML(func(Path) string { return "" })
		for name, text := range map[string][]byte{"a.json": want.Bytes(), "a.yaml": written} {
			read, problem := parse(name, text)
			if problem != nil {
				t.Fatalf("%v\n%s", problem, text)
			}
			var got bytes.Buffer
			read.json(&got)
			if got.String() != want.String() {
				t.Fatalf("%s is read as\n%s\nwant\n%s\nfrom\n%s", name, got.String(), want.String(), text)
			}
		}
	})
}

func drawNode(t *rapid.T, depth int) *node {
	kinds := []kind{text, number, flag, list, mapping}
	if depth > 5 {
		kinds = kinds[:3]
	}
	n := &node{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch n.kind {
	case text:
		n.text = rapid.OneOf(
			rapid.StringMatching(`[ -~äß€\n]{0,20}`),
			rapid.SampledFrom([]string{"true", "null", "~", "10", "1e3", "0x1F", "010", ".5", "-", "- a", "a: b", "a #b", "#a", "yes", "1:30", "=", "<<", "&a", "*a", "!a", "%a", "@a", "`a", "?", "? a", ": a", "10m", "100/s", "0.2%", "a:", "a ", " a", "|", ">", "[a", "a]", "{", "\ta", "...", "---", "2026-01-05", "1_000", "inf", ".inf", "NaN"}),
		).Draw(t, "text")
	case number:
		n.text = rapid.SampledFrom([]string{"0", "10", "-1", "1.25", "0.001", "12345678901"}).Draw(t, "number")
	case flag:
		n.text = rapid.SampledFrom([]string{"true", "false"}).Draw(t, "flag")
	case list:
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			item := drawNode(t, depth+1)
			for item.kind == list { // no file of ours has lists of lists, and the writer has no form for them
				item = drawNode(t, depth+1)
			}
			n.items = append(n.items, item)
		}
	case mapping:
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-zA-Z0-9._/-]{0,8}|[0-9]{1,3}`), 0, 3, rapid.ID[string]).Draw(t, "keys")
		for _, key := range keys {
			n.members = append(n.members, member{key: key, value: drawNode(t, depth+1)})
		}
	}
	return n
}
