package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/story"
)

// reportPath is where a report is to be written; empty: nowhere.
type reportPath string

// check says before the work what would only show after it. flag is where the path was given.
func (p reportPath) check(flag string) error {
	if p == "" {
		return nil
	}
	switch at, err := os.Stat(string(p)); {
	case err == nil && !at.Mode().IsRegular():
		return usageError("%s is %s but must be a file's name, and that is none", flag, p)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return usageError("%s cannot be written: %v", flag, err)
	case err == nil && at.Size() > 0 && !p.holdsPage():
		return usageError("%s is %s, which holds something else than a report; give another name, or remove it", flag, p)
	}
	folder := filepath.Dir(string(p))
	if at, err := os.Stat(folder); err != nil || !at.IsDir() {
		return usageError("%s is %s but there is no folder %s; create it first", flag, p, folder)
	}
	part, err := p.part()
	if err != nil {
		return err
	}
	return errors.Join(part.Close(), os.Remove(part.Name()))
}

// holdsPage reports whether a file begins as an HTML page does. What is none was not written here, and is not overwritten.
func (p reportPath) holdsPage() bool {
	const begin = "<!doctype html"
	file, err := os.Open(string(p))
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // it was only read
	head := make([]byte, len(begin))
	_, err = io.ReadFull(file, head)
	return err == nil && strings.EqualFold(string(head), begin)
}

// write writes a release's report, where one is wanted.
func (p reportPath) write(told story.Story) error {
	if p == "" {
		return nil
	}
	return p.replace(func(file *os.File) error { return report.Write(file, told) })
}

// replace writes a file that takes the place of another one only once it is complete.
func (p reportPath) replace(write func(*os.File) error) error {
	part, err := p.part()
	if err != nil {
		return err
	}
	if err := errors.Join(write(part), part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), p.file())
}

// part creates the file that becomes the report. It stands beside it: a rename works within one file system only.
func (p reportPath) part() (*os.File, error) {
	part, err := os.Create(p.file() + ".part")
	if err != nil {
		return nil, usageError("the report cannot be written: %v", err)
	}
	return part, nil
}

// file is the path behind symbolic links: a link to a report stays one.
func (p reportPath) file() string {
	if file, err := filepath.EvalSymlinks(string(p)); err == nil {
		return file
	}
	return string(p)
}
