// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestNginx(t *testing.T) {
	web := seatrial.Run(t, spec.Container{Image: image(nginx), Ports: []int{80}, Ready: wait.HTTP(80, "/")})

	resp, err := http.Get(web.URL(t, 80))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status = %s, want 200", resp.Status)
	}
}

func TestRedis(t *testing.T) {
	store := seatrial.Run(t, spec.Container{Image: image(redis), Ports: []int{6379}, Ready: wait.Log("Ready to accept connections")})

	conn, err := net.Dial("tcp", store.Addr(t, 6379))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "SET dish soup EX 7200\r\nGET dish\r\n")
	answers := bufio.NewScanner(conn)
	var got []string
	for len(got) < 3 && answers.Scan() {
		got = append(got, answers.Text())
	}
	if want := "+OK $4 soup"; strings.Join(got, " ") != want {
		t.Errorf("Redis answered %q, want %q", got, want)
	}
}

// Each subtest begins with the database as it was when it was made.
func TestPostgresSnapshot(t *testing.T) {
	store := seatrial.Run(t, spec.Container{
		Image: image(postgres), Ports: []int{5432},
		Env:   map[string]string{"POSTGRES_PASSWORD": "secret", "POSTGRES_DB": "people"},
		Ready: wait.SQL("postgres", 5432, dsn("people")),
	})
	psql := func(t *testing.T, commands ...string) {
		for _, c := range commands {
			store.Exec(t, spec.Exec{Command: []string{"psql", "--username=postgres", "--command=" + c}})
		}
	}
	open := func(t *testing.T) *sql.DB { return connect(t, dsn("people")(store.Addr(t, 5432))) }

	db := open(t)
	if _, err := db.Exec("CREATE TABLE people (name TEXT NOT NULL, age INT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	db.Close() // a database that somebody uses is no template
	psql(t, "ALTER DATABASE people RENAME TO snapshot")
	restore := func(t *testing.T) {
		psql(t, "DROP DATABASE IF EXISTS people WITH (FORCE)", "CREATE DATABASE people TEMPLATE snapshot")
	}

	t.Run("insert", func(t *testing.T) {
		restore(t)
		var name string
		var age int
		err := open(t).QueryRow("INSERT INTO people VALUES ($1, $2) RETURNING name, age", "somebody", 42).Scan(&name, &age)
		if err != nil || name != "somebody" || age != 42 {
			t.Errorf("there is %s, %d, %v", name, age, err)
		}
	})
	t.Run("empty", func(t *testing.T) {
		restore(t)
		var name string
		if err := open(t).QueryRow("SELECT name FROM people").Scan(&name); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("there is %q, %v, want nobody", name, err)
		}
	})
}

// Two databases on one network, started at the same time.
func TestSeveral(t *testing.T) {
	network := seatrial.CreateNetwork(t, spec.Network{})
	var stores [2]*seatrial.Container
	start := func(i int) func(seatrial.T) {
		return func(t seatrial.T) {
			name := fmt.Sprintf("db%d", i)
			stores[i] = seatrial.Run(t, spec.Container{
				Image: image(postgres), Name: name, Ports: []int{5432}, Networks: []spec.Endpoint{{Network: network.Name}},
				Env:   map[string]string{"POSTGRES_PASSWORD": "secret", "POSTGRES_DB": name},
				Ready: wait.SQL("postgres", 5432, dsn(name)),
			})
		}
	}
	seatrial.Together(t, start(0), start(1))

	for i, store := range stores {
		if ip := store.IP(t, network.Name); ip == "" {
			t.Errorf("%s has no address in the network", store)
		}
		if err := connect(t, dsn(fmt.Sprintf("db%d", i))(store.Addr(t, 5432))).Ping(); err != nil {
			t.Error(err)
		}
	}
}

func TestDockerfile(t *testing.T) {
	img := seatrial.Build(t, spec.Image{Context: "testdata/build", Images: standIns(postgres)})
	store := seatrial.Run(t, spec.Container{Image: img.Ref, Ports: []int{5432}, Ready: wait.SQL("postgres", 5432, dsn("testdb"))})

	var version string
	if err := connect(t, dsn("testdb")(store.Addr(t, 5432))).QueryRow("SELECT version()").Scan(&version); err != nil || !strings.HasPrefix(version, "PostgreSQL") {
		t.Errorf("version = %q, %v, want PostgreSQL's", version, err)
	}
}

func TestProject(t *testing.T) {
	app := seatrial.Up(t, spec.Project{
		Files: []string{"testdata/project"}, Images: standIns(nginx, redis),
		Env:   map[string]string{"foo": "FOO", "bar": "BAR"},
		Ready: map[string]wait.Condition{"nginx": wait.HTTP(80, "/")},
	})

	if env := app.Service(t, "nginx").Exec(t, spec.Exec{Command: []string{"env"}}).Stdout; !strings.Contains(env, "foo=FOO\n") || !strings.Contains(env, "bar=BAR\n") {
		t.Errorf("nginx has the environment\n%s", env)
	}
	if app.Service(t, "redis").Port(t, 6379) == 0 {
		t.Error("redis is not published")
	}
}

const (
	nginx    = "nginx:1-bookworm"
	redis    = "redis:7-bookworm"
	postgres = "postgres:17-bookworm"
)

func dsn(name string) func(addr string) string {
	return func(addr string) string {
		return "postgres://postgres:secret@" + addr + "/" + name + "?sslmode=disable"
	}
}

func connect(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// image returns what an official image is called on an engine that cannot pull it:
// SEATRIAL_TEST_IMAGES says so, as make engine-env prints it.
func image(official string) string {
	if ref, ok := standIns(official)[official]; ok {
		return ref
	}
	return official
}

func standIns(official ...string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(os.Getenv("SEATRIAL_TEST_IMAGES"), ",") {
		for _, name := range official {
			if ref, ok := strings.CutPrefix(pair, name+"="); ok {
				all[name] = ref
			}
		}
	}
	return all
}

func TestMain(m *testing.M) {
	seatrial.Main(m, func(t seatrial.T) { seatrial.Need(t, spec.Need{}) })
}
