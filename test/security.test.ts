import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** One package of the lock file; the first one is ipass itself. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as T;
const manifest = readJson<Manifest>("../package.json");
const lock = readJson<{ readonly packages: Readonly<Record<string, Locked & Partial<Manifest>>> }>("../package-lock.json");
const { "": own, ...others } = lock.packages;
const packages = Object.entries(others);
const namesOf = (found: readonly (readonly [string, Locked])[]) => found.map(([name]) => name);

/** What npm runs on the machine of whoever installs a package from a registry or a tarball. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "preprepare", "postprepare", "dependencies"];

describe("installing ipass", () => {
  it("runs nothing of the packages it uses", () => {
    const production = packages.filter(([, { dev }]) => dev !== true);
    expect(production.length).toBeGreaterThan(20);
    expect(namesOf(production.filter(([, { hasInstallScript }]) => hasInstallScript === true))).toEqual([]);
  });

  it("runs nothing of its own; `prepare` is run only in a clone, and for an install from git", () => {
    expect(Object.keys(manifest.scripts).filter((name) => INSTALL_SCRIPTS.includes(name))).toEqual([]);
    expect(manifest.scripts.prepare).toBe("node scripts/build.mjs");
    expect(own?.hasInstallScript).toBeUndefined();
  });

  it("takes exactly the versions that were tested", () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(wanted)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(others[`node_modules/${name}`]?.version, name).toBe(version);
    }
    expect(own).toMatchObject({ dependencies: manifest.dependencies, devDependencies: manifest.devDependencies });
  });

  it("checks every package against its hash, and takes none from elsewhere than a registry", () => {
    expect(namesOf(packages.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? "")))).toEqual([]);
    // npm leaves `resolved` out, or names the registry; an address of git, of a file or of another host would stand there.
    const elsewhere = packages.filter(
      ([, { resolved, link }]) => link === true || !(resolved === undefined || resolved.startsWith("https://registry.npmjs.org/")),
    );
    expect(namesOf(elsewhere)).toEqual([]);
    expect(namesOf(packages.filter(([, { version }]) => !/^\d+\.\d+\.\d+/.test(version ?? "")))).toEqual([]);
  });

  it("brings along whom to tell of a weakness", () => {
    expect(manifest.files).toContain("SECURITY.md");
  });
});
