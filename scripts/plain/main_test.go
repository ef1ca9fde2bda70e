package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	template = `{
  "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}},
  "Rules": {"CheckBootstrapVersion": {}},
  "Resources": {
    "Table": {"Type": "AWS::DynamoDB::Table"},
    "DeployCanary01": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets"}, "S3Key": "8dc3.zip"}}}
  }
}`
	files = `{"files": {"8dc3": {"displayName": "Releaser/DeployCanary/Code", "source": {"path": "asset.8dc3.zip"}}}}`
)

func synthesized(t *testing.T, template, files string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range map[string]string{"Serin.template.json": template, "Serin.assets.json": files, "asset.8dc3.zip": "code"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Nothing is left of the CDK, and the code lies beside the template under the function's name.
func TestPlain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "core")
	if err := run("Serin", synthesized(t, template, files), out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "serin.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Parameters, Rules map[string]any
		Resources         map[string]struct{ Properties struct{ Code string } }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Parameters != nil || got.Rules != nil || got.Resources["DeployCanary01"].Properties.Code != "DeployCanary.zip" {
		t.Errorf("%s", text)
	}
	if code, err := os.ReadFile(filepath.Join(out, "DeployCanary.zip")); err != nil || string(code) != "code" {
		t.Errorf("%s, %v", code, err)
	}
}

func TestPlainRefuses(t *testing.T) {
	for name, c := range map[string]struct{ template, files, says string }{
		"an unknown asset":    {template, `{"files": {}}`, "is no asset of the stack"},
		"another asset":       {strings.Replace(template, `"AWS::DynamoDB::Table"`, `"AWS::SSM::Document", "Properties": {"Content": "cdk-hnb659fds-assets"}`, 1), files, "bootstrap stack"},
		"no function":         {`{"Resources": {}}`, files, "no function"},
		"what is no template": {`{`, files, "Serin.template.json"},
		"what are no assets":  {template, `[]`, "Serin.assets.json"},
	} {
		err := run("Serin", synthesized(t, c.template, c.files), t.TempDir())
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
