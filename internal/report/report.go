package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/serin-aws/serin/internal/story"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

//go:embed script.js
var scriptJS string

var page = template.Must(template.New("page").Parse(pageHTML))

// Write writes the report of a story. The same story gives the same bytes.
func Write(w io.Writer, s story.Story) error {
	var html bytes.Buffer
	if err := page.Execute(&html, document(s)); err != nil {
		return fmt.Errorf("report of %s: %w", s.Release.ID, err)
	}
	if _, err := io.WriteString(w, readable(html.String())); err != nil {
		return fmt.Errorf("report of %s: %w", s.Release.ID, err)
	}
	return nil
}

// policy lets the page run its own style and script and nothing else: no request leaves it, whatever a name holds.
func policy() string {
	return "default-src 'none'; style-src '" + hash(styleCSS) + "'; script-src '" + hash(scriptJS) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// readable replaces what could hide or turn around text, wherever it came from. It runs over the whole page, so no
// field can be forgotten.
func readable(html string) string {
	lines := strings.Split(html, "\n")
	for i, line := range lines {
		lines[i] = story.Plain(line)
	}
	return strings.Join(lines, "\n")
}
