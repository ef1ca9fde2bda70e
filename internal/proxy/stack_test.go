package proxy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A release copies the live stack's template for the temporary one: CloudFormation takes 51,200 bytes in a call.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const largestBody = 51_200

// The template has the parameters and outputs that a target expects by default, whatever it refers to is in it, and it
// carries the very texts that the real proxies are tested with.
func TestStack(t *testing.T) {
	s := settings()
	s.Shadow, s.Percent = Later, 0
	text, err := Stack(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > largestBody {
		t.Errorf("%d bytes", len(text))
	}
	var read struct {
		Parameters map[string]any `yaml:"Parameters"`
		Outputs    map[string]any `yaml:"Outputs"`
		Resources  map[string]struct {
			Metadata map[string]struct {
				Config struct {
					Files map[string]struct {
						Content string `yaml:"content"`
					} `yaml:"files"`
				} `yaml:"config"`
			} `yaml:"Metadata"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ImageUri", "ProxyMode", "MirrorHost", "MirrorPercent"} {
		if read.Parameters[name] == nil {
			t.Errorf("there is no parameter %s", name)
		}
	}
	if got := slices.Sorted(maps.Keys(read.Outputs)); !slices.Equal(got, []string{"Endpoint", "LoadBalancerArn", "TargetGroupArn"}) {
		t.Error("outputs:", got)
	}
	known := func(name string) bool {
		_, resource := read.Resources[name]
		return resource || read.Parameters[name] != nil || strings.HasPrefix(name, "AWS::")
	}
	for _, form := range []string{`!Ref ([A-Za-z]+)`, `!GetAtt ([A-Za-z]+)\.`, `\$\{([A-Za-z:]+)[.}]`} {
		for _, found := range regexp.MustCompile(form).FindAllStringSubmatch(text, -1) {
			if !known(found[1]) {
				t.Errorf("%s leads nowhere", found[0])
			}
		}
	}
	files := read.Resources["Group"].Metadata["AWS::CloudFormation::Init"].Config.Files
	for name, render := range map[string]func(Settings) (string, error){"nginx.conf": Nginx, "envoy.json": Envoy, "serin-proxy": Switch} {
		if want, err := render(s); err != nil || files["/opt/serin/"+name].Content != want {
			t.Errorf("%s is not what is tested: %v", name, err)
		}
	}
}
