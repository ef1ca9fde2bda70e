package infra_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/synthesis"
)

var update = flag.Bool("update", false, "write testdata/serin.template.json")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	synthesis.Close()
	os.Exit(code)
}

// usual are templates that many tests look at, and none changes: rendering one takes seconds.
var usual struct {
	core, worker, adopted sync.Once
	template              map[string]any
	made, existing        map[string]resource
}

// core returns the core's template with the usual props, rendered once.
func core(t *testing.T) map[string]any {
	t.Helper()
	usual.core.Do(func() { usual.template = synth(t, infra.ReleaserProps{}) })
	return usual.template
}

// synth returns the core's template, made with stand-ins for the functions' programs.
func synth(t *testing.T, props infra.ReleaserProps) map[string]any {
	t.Helper()
	props.Code = programs(t)
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := infra.NewStack(app, "Serin", &infra.StackProps{ReleaserProps: props})
	return *assertions.Template_FromStack(stack, nil).ToJSON()
}

// The whole template as it was last looked at. Hashes of assets, and of the versions made from them, are left out.
func TestGolden(t *testing.T) {
	text, err := json.MarshalIndent(core(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`[0-9a-f]{64}\.zip`).ReplaceAll(text, []byte("ASSET.zip"))
	text = regexp.MustCompile(`(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}`).ReplaceAll(text, []byte("${1}VERSION"))
	text = append(text, '\n')
	const file = "testdata/serin.template.json"
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("%s is not what the stack renders to now; look at the difference after:\n  go test ./infra -update", file)
	}
}
