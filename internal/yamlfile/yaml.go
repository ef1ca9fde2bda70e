package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// readYAML returns the one document of a YAML text. The tokens are looked at first: what makes YAML more than a tree
// (anchors, aliases, merge keys, tags, further documents) is refused there, with its place, before anything is built.
func readYAML(data []byte) (*node, *Problem) {
	tokens := lexer.Tokenize(string(data))
	if problem := screen(tokens); problem != nil {
		return nil, problem
	}
	if problem := lax(tokens, data); problem != nil {
		return nil, problem
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are reported later, with their path
	if err != nil {
		return nil, unreadable(err)
	}
	var documents []ast.Node
	for _, document := range file.Docs {
		if document.Body != nil {
			documents = append(documents, document.Body)
		}
	}
	if len(documents) == 0 {
		return nil, &Problem{Text: "is empty"}
	}
	return convert(documents[0], 1)
}

// refusedTokens says what is refused by its token alone, and what to write in its place.
var refusedTokens = map[token.Type]string{
	token.AnchorType:      "is an anchor (&) but anchors and aliases are not read; write the value out where it is used",
	token.AliasType:       "is an alias (*) but anchors and aliases are not read; write the value out, or quote a text that begins with *",
	token.MergeKeyType:    "is a merge key (<<) but merging is not read; write the fields out",
	token.TagType:         "is a tag (!) but tags are not read; quote a text that begins with !",
	token.DirectiveType:   "is a directive (%) but directives are not read; remove the line",
	token.MappingKeyType:  "is a complex key (?) but every key must be a plain name",
	token.DocumentEndType: "ends the document (...) but a file is one document; remove the line",
}

func screen(tokens token.Tokens) *Problem {
	if len(tokens) > maxTokens {
		return &Problem{Place: placeOf(tokens[maxTokens]), Text: "goes on after 10,000 names, values and signs, where it must have ended"}
	}
	depth, begun := 0, false
	for _, t := range tokens {
		if why, refused := refusedTokens[t.Type]; refused {
			return &Problem{Place: placeOf(t), Text: why}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.DocumentHeaderType:
			if begun {
				return &Problem{Place: placeOf(t), Text: "begins a second document (---) but a file is one document; write one file for each"}
			}
		}
		begun = begun || t.Type != token.CommentType
		if depth > maxDepth {
			return tooDeep(placeOf(t))
		}
	}
	return nil
}

// lax finds what the parser reads although YAML does not have it, and other readers read otherwise or not at all: a slip
// of the pen must not become a value.
func lax(tokens token.Tokens, data []byte) *Problem {
	lines := bytes.Split(data, []byte("\n"))
	for _, t := range tokens {
		block := t.Prev != nil && (t.Prev.Type == token.LiteralType || t.Prev.Type == token.FoldedType)
		switch {
		case t.Type == token.StringType && !block && strings.Contains(t.Value, ": "):
			return &Problem{Place: placeOf(t), Text: "has a second colon; is a comma or a line end missing before a key, or quotes around a text with a colon?"}
		case t.Type == token.MappingValueType && tight(t, lines):
			return &Problem{Place: placeOf(t), Text: "is a colon without a space behind it but a key needs one, like weight: 10"}
		}
	}
	return nil
}

// tight reports whether a colon has no space behind it: {weight:10} is a key named "weight:10" in YAML. After a quoted
// key the space may be left out, as in JSON.
func tight(colon *token.Token, lines [][]byte) bool {
	before, at := colon.Prev, placeOf(colon)
	if before == nil || before.Type == token.DoubleQuoteType || before.Type == token.SingleQuoteType || at.Line < 1 || at.Line > len(lines) {
		return false
	}
	line := []rune(string(lines[at.Line-1]))
	return at.Column < len(line) && !strings.ContainsRune(" \t\r,[]{}", line[at.Column])
}

func tooDeep(at Place) *Problem {
	return &Problem{Place: at, Text: "is nested more than 12 deep, where nothing of this file needs more"}
}

// unreadable turns the parser's error into a problem. Its text can quote the file, so it is cut like a value.
func unreadable(err error) *Problem {
	problem := &Problem{Text: "is not readable as YAML: " + cut(err.Error())}
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		problem.Text = "is not readable as YAML: " + cut(syntax.Message)
		if strings.Contains(syntax.Message, "'\t'") {
			problem.Text = "is indented with a tab but YAML is indented with spaces"
		}
		if syntax.Token != nil {
			problem.Place = placeOf(syntax.Token)
		}
	}
	return problem
}

func placeOf(t *token.Token) Place {
	if t.Position == nil {
		return Place{}
	}
	return Place{t.Position.Line, t.Position.Column}
}

func convert(from ast.Node, depth int) (*node, *Problem) {
	at := placeOf(from.GetToken())
	if depth > maxDepth {
		return nil, tooDeep(at)
	}
	switch from := from.(type) {
	case *ast.MappingNode:
		return convertMapping(from, depth)
	case *ast.MappingValueNode:
		return convertMapping(&ast.MappingNode{Values: []*ast.MappingValueNode{from}}, depth)
	case *ast.SequenceNode:
		to := &node{kind: list, place: at}
		for _, value := range from.Values {
			item, problem := convert(value, depth+1)
			if problem != nil {
				return nil, problem
			}
			to.items = append(to.items, item)
		}
		return to, nil
	case *ast.StringNode:
		return &node{kind: text, place: at, text: from.Value}, nil
	case *ast.LiteralNode:
		return &node{kind: text, place: at, text: from.Value.Value}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: number, place: at, text: from.GetToken().Value}, nil
	case *ast.BoolNode:
		return &node{kind: flag, place: at, text: strings.ToLower(from.GetToken().Value)}, nil
	case *ast.NullNode:
		return &node{kind: null, place: at}, nil
	}
	return nil, &Problem{Place: at, Text: "is not readable as YAML: a value of this form has no place here"}
}

// convertMapping places a mapping where its first key stands: the parser names the colon, or the brace.
func convertMapping(from *ast.MappingNode, depth int) (*node, *Problem) {
	to := &node{kind: mapping}
	if from.Start != nil {
		to.place = placeOf(from.Start)
	}
	for i, pair := range from.Values {
		key := pair.Key.GetToken()
		if i == 0 && !from.IsFlowStyle {
			to.place = placeOf(key)
		}
		if !plainKey(pair.Key) {
			return nil, &Problem{Place: placeOf(key), Text: "is not a plain name but every key must be one"}
		}
		value, problem := convert(pair.Value, depth+1)
		if problem != nil {
			return nil, problem
		}
		if !from.IsFlowStyle && outside(placeOf(key), value) {
			return nil, &Problem{Place: value.place, Text: fmt.Sprintf("is %s, a value that is not indented, but must be a key with a colon, or stand further to the right", value.quote())}
		}
		to.members = append(to.members, member{key: key.Value, place: placeOf(key), value: value})
	}
	return to, nil
}

// outside reports whether a value stands on a line of its own and not to the right of its key, where the parser takes it
// although it is, most likely, a key whose colon was forgotten. Lists may stand so.
func outside(key Place, value *node) bool {
	return value.kind != list && value.kind != null && value.place.Line > key.Line && value.place.Column <= key.Column
}

func plainKey(key ast.MapKeyNode) bool {
	switch key.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return true
	}
	return false
}
