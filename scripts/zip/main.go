// Command zip packs each program of a folder as Lambda wants it: <name>.zip with one executable file, bootstrap.
// The archives hold no time and no owner, so the same programs give the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: zip PROGRAMS OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "zip:", err)
		os.Exit(1)
	}
}

func run(programs, out string) error {
	files, err := os.ReadDir(programs)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New(programs + " holds no programs")
	}
	for _, file := range files {
		program, err := os.ReadFile(filepath.Join(programs, file.Name()))
		if err != nil {
			return err
		}
		archive, err := pack(program)
		if err != nil {
			return err
		}
		target := filepath.Join(out, file.Name()+".zip")
		if err := os.WriteFile(target, archive, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s %.1f MB\n", target, float64(len(archive))/1e6)
	}
	return nil
}

// pack returns an archive with one file.
func pack(program []byte) ([]byte, error) {
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	header := &zip.FileHeader{
		Name:     "bootstrap",
		Method:   zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the earliest that the format knows
	}
	header.SetMode(fs.FileMode(0o755))
	file, err := writer.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(program); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}
