package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestArchivesAreReproducible(t *testing.T) {
	var archives [2][]byte
	for i := range archives {
		programs, out := t.TempDir(), t.TempDir()
		program := filepath.Join(programs, "promote")
		if err := os.WriteFile(program, []byte("program"), 0o600); err != nil {
			t.Fatal(err)
		}
		stamp := time.Date(2000+i, 1, 1, 0, 0, 0, 0, time.UTC)
		if err := os.Chtimes(program, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		if err := run(programs, out); err != nil {
			t.Fatal(err)
		}
		archive, err := os.ReadFile(filepath.Join(out, "promote.zip"))
		if err != nil {
			t.Fatal(err)
		}
		archives[i] = archive
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("two archives of one program differ")
	}
	reader, err := zip.NewReader(bytes.NewReader(archives[0]), int64(len(archives[0])))
	if err != nil {
		t.Fatal(err)
	}
	if len(reader.File) != 1 || reader.File[0].Name != "bootstrap" || reader.File[0].Mode() != 0o755 {
		t.Fatalf("the archive holds %+v", reader.File[0].FileHeader)
	}
	file, err := reader.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(file); err != nil || string(content) != "program" {
		t.Errorf("bootstrap holds %q, %v", content, err)
	}
}

func TestNothingToPackIsAnError(t *testing.T) {
	if err := run(t.TempDir(), t.TempDir()); err == nil {
		t.Error("no programs, no error")
	}
}
