package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program's modules are listed, twice alike; what is no program is refused.
func TestBill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var texts [2][]byte
	for i := range texts {
		out := filepath.Join(t.TempDir(), "sbom.json")
		if err := run(out, []string{self}); err != nil {
			t.Fatal(err)
		}
		if texts[i], err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("the same program gives another bill")
	}
	for _, want := range []string{`"bomFormat": "CycloneDX"`, `"purl": "pkg:golang/github.com/CycloneDX/cyclonedx-go@v`, `"purl": "pkg:golang/std@1.`} {
		if !strings.Contains(string(texts[0]), want) {
			t.Errorf("%s is missing in %s", want, texts[0])
		}
	}
	if err := run(filepath.Join(t.TempDir(), "sbom.json"), []string{"main.go"}); err == nil {
		t.Error("main.go is no program")
	}
}
