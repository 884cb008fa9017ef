// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/spec"
)

// namedInside returns the files that COMPOSE_FILE names for a directory: docker
// compose, called there, takes them and no others. It honours what .env there says,
// or the env files that are named to it; what the process has is none of the
// project's business.
//
// https://github.com/compose-spec/compose-go/blob/v2.16.2/cli/options.go#L143
func (in *input) namedInside(dir string, p spec.Project, o Options) ([]sourceFile, error) {
	names := o.EnvFiles
	if len(names) == 0 {
		names = []string{filepath.Join(cmp.Or(p.Dir, dir), ".env")}
	}
	var vars map[string]string
	var contents []byte
	from := ""
	for _, name := range names {
		f, err := in.openFile(name)
		if err != nil { // readEnv says what is wrong with it, if anything
			continue
		}
		contents = append(append(contents, envblock.Without(f.content)...), '\n')
		if vars, err = parseEnvFiles(contents, processEnv(o.Base, p.Env, in.dir)); err != nil {
			return nil, fmt.Errorf("reading %s: %w", f.shown, err)
		}
		from = f.shown
	}
	value, ok := vars["COMPOSE_FILE"]
	if !ok {
		return nil, nil
	}
	var files []sourceFile
	for entry := range strings.SplitSeq(value, cmp.Or(vars["COMPOSE_PATH_SEPARATOR"], string(os.PathListSeparator))) {
		if remote(entry) {
			return nil, fmt.Errorf("reading %s: COMPOSE_FILE: %w", from, &remoteError{entry})
		}
		name := entry
		if !filepath.IsAbs(entry) {
			name = filepath.Join(dir, entry)
		}
		f, err := in.openFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("reading %s: COMPOSE_FILE names %q: %w", from, entry, fs.ErrNotExist)
		case err != nil:
			return nil, fmt.Errorf("reading %s: COMPOSE_FILE names %q: %w", from, entry, plain(err))
		}
		files = append(files, f)
	}
	if abs, err := filepath.Abs(dir); err == nil && in.home == "" {
		in.home = abs
	}
	return files, nil
}

// ownEnvFiles returns the env files of the project itself, of which the last wins,
// and whether docker compose has to be told of them. When it is called in one
// directory, and COMPOSE_FILE leads to a project in another, it reads the .env of the
// first, and then that of the project. To a variable that both set the second may
// refer otherwise here, where they are given as three files.
func (in *input) ownEnvFiles(p spec.Project) (names []string, tell bool) {
	own := filepath.Join(in.dir, ".env")
	if in.home == "" || in.home == in.dir || p.Dir != "" {
		return []string{own}, false
	}
	home := filepath.Join(in.home, ".env")
	if _, err := in.read(own); err != nil {
		return []string{home}, true
	}
	return []string{home, own, home}, true
}

// switchedOff tells whether an env file says that it is not to be read. Docker
// compose takes from it then what begins with COMPOSE_, which are its own switches.
func switchedOff(vars map[string]string) (bool, error) {
	value, ok := vars[disableEnvFile]
	if !ok {
		return false, nil
	}
	off, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s is %q, which is neither true nor false", disableEnvFile, value)
	}
	return off, nil
}

const disableEnvFile = "COMPOSE_DISABLE_ENV_FILE"
