"""Every source of credentials set up for a program, one at a time: its environment, with the files that it names."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

import fleet
from aws_fakes import ACCOUNT, BASE, CONTAINER_TOKEN, ROLE, ROLE_ARN, SSO_TOKEN, WEB_TOKEN, AWSFakes, utc
from s3_guard import Keys

# As the program names them in its output.
SOURCES = {
    "credential file": "credential file",
    "environment": "environment",
    "web identity": "web identity",
    "static profile": "profile 'default'",
    "process": r"profile 'etl' \(process\)",
    "role": r"profile 'etl' \(role, through profile 'base'\)",
    "role through environment": r"profile 'etl' \(role, through environment\)",
    "sso": r"profile 'etl' \(SSO\)",
    "container": "container",
    "instance": "instance metadata",
}
STATIC = Keys("AKIASTATIC", "static/secret+key=hush")
FAR = 4_000_000_000


@pytest.fixture
def fakes():
    made = AWSFakes()
    yield made
    made.close()


def bare(folder: Path) -> dict[str, str]:
    """Nothing of the caller's account, and no source at all."""
    kept = {name: value for name, value in fleet.environment().items() if not name.startswith("AWS_") and "proxy" not in name.lower()}
    kept.pop("CREDENTIALS_DIRECTORY", None)
    (folder / "home").mkdir(parents=True, exist_ok=True)
    home = {"HOME": str(folder / "home"), "AWS_EC2_METADATA_DISABLED": "true"}
    return kept | home | {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}


def write(path: Path, text: str) -> Path:
    """Whole or not at all, as careful tools do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.new")
    staged.write_text(text)
    staged.chmod(0o600)
    staged.replace(path)
    return path


def lines(keys: Keys) -> str:
    token = f"aws_session_token = {keys.token}\n" if keys.token else ""
    return f"aws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n{token}"


def process(folder: Path, keys: Keys) -> str:
    """A command line that writes keys; its folder has a space."""
    document = {"Version": 1, "AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}
    text = json.dumps(document | {"Expiration": utc(FAR)})
    script = write(folder / "a tool/keys.py", f"import sys\nassert sys.argv[1:] == ['the etl', '$HOME']\nprint({text!r})\n")
    return f"{sys.executable} \"{script}\" 'the etl' '$HOME'"


def sso_cache(folder: Path, expires: float, session: str = "corp") -> Path:
    name = hashlib.sha1(session.encode()).hexdigest()
    document = {"startUrl": "https://corp.example/start", "region": "us-east-1", "accessToken": SSO_TOKEN, "expiresAt": utc(expires)}
    return write(folder / f"home/.aws/sso/cache/{name}.json", json.dumps(document))


def set_up(source: str, fakes: AWSFakes, folder: Path) -> dict[str, str]:
    """The environment of a program that can use this source and no other."""
    env = bare(folder)
    config = folder / "home/.aws/config"
    role = f"[profile etl]\nrole_arn = {ROLE_ARN}\n"
    match source:
        case "credential file":
            write(folder / "credentials/s3-credentials", lines(fakes.add(STATIC)))
            return env | {"CREDENTIALS_DIRECTORY": str(folder / "credentials")}
        case "environment":
            keys = fakes.issue("env")
            return env | {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key, "AWS_SESSION_TOKEN": keys.token}
        case "web identity":
            token = write(folder / "web-token", WEB_TOKEN)
            return env | {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE_ARN, "AWS_ENDPOINT_URL_STS": fakes.url}
        case "static profile":
            write(folder / "home/.aws/credentials", f"# keys\r\n[default]\n{lines(fakes.add(STATIC))}")
            return env
        case "process":
            write(config, f"[profile etl]\ncredential_process = {process(folder, fakes.issue('process'))}\n")
            return env | {"AWS_PROFILE": "etl"}
        case "role":
            write(config, f"{role}source_profile = base\n")
            write(folder / "home/.aws/credentials", f"[base]\n{lines(BASE)}")
            return env | {"AWS_PROFILE": "etl", "AWS_ENDPOINT_URL_STS": fakes.url}
        case "role through environment":
            # Keys of the environment go before profiles, so the profile is named where it goes before the environment: by the config.
            write(config, f"{role}credential_source = Environment\n")
            keys = {"AWS_ACCESS_KEY_ID": BASE.access_key, "AWS_SECRET_ACCESS_KEY": BASE.secret_key}
            return env | keys | {"AWS_ENDPOINT_URL_STS": fakes.url, "FLEETSYNTH__STORAGE__PROFILE": "etl"}
        case "sso":
            sso_cache(folder, FAR)
            session = "[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = us-east-1\n"
            write(config, f"[profile etl]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = {ROLE}\n{session}")
            return env | {"AWS_PROFILE": "etl", "AWS_ENDPOINT_URL_SSO": fakes.url}
        case "container":
            token = write(folder / "container-token", CONTAINER_TOKEN)
            url = f"{fakes.url}/container"
            return env | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)}
        case "instance":
            return env | {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": fakes.url}
    raise AssertionError(source)
