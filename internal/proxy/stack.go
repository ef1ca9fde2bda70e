package proxy

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"

	_ "embed"
)

//go:embed stack.yaml
var stackText string

var stack = template.Must(template.New("stack").Funcs(template.FuncMap{"json": quoted}).Parse(stackText))

// quoted writes a text as YAML reads it on one line: JSON's quotes are YAML's too.
func quoted(text string) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// Stack returns a CloudFormation template of the whole service: machines with both proxies and the script behind a load
// balancer, with the parameters and outputs that a release expects. A release makes the temporary stack of it too.
func Stack(s Settings) (string, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return "", err
	}
	filled := struct {
		Settings
		NginxText, EnvoyText, SwitchText string
		Idle, Drained                    int // seconds
	}{Settings: s, Idle: int(s.KeepAlive.Seconds()) * 4 / 5, Drained: int(min(s.Timeout, time.Hour).Seconds())}
	if filled.NginxText, err = Nginx(s); err != nil {
		return "", err
	}
	if filled.EnvoyText, err = Envoy(s); err != nil {
		return "", err
	}
	if filled.SwitchText, err = Switch(s); err != nil {
		return "", err
	}
	var b strings.Builder
	if err := stack.Execute(&b, filled); err != nil {
		return "", fmt.Errorf("write the template: %w", err) // the template and Settings do not fit
	}
	return b.String(), nil
}
