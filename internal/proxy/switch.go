package proxy

import (
	"fmt"
	"strings"
	"text/template"
	"time"

	_ "embed"
)

//go:embed switch.sh
var switchText string

var script = template.Must(template.New("switch").Funcs(template.FuncMap{
	"seconds": func(d time.Duration) int { return int((d + time.Second - 1) / time.Second) },
	"host":    func(s string) string { host, _, _ := strings.Cut(s, ":"); return host },
}).Parse(switchText))

// Switch returns the shell script that puts one proxy in the place of the other without losing a request, and changes
// the mirrored share. It stands beside nginx.conf and envoy.json, whose shadow is Later.
func Switch(s Settings) (string, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := script.Execute(&b, struct {
		Settings
		Later, PercentFile string
	}{s, Later, percentFile}); err != nil {
		return "", fmt.Errorf("write the script: %w", err) // the template and Settings do not fit
	}
	return b.String(), nil
}
