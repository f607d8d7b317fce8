import subprocess
import sys

import td_line_connectors.validators as face


def loaded_after(statements: str) -> set[str]:
    """Run statements in a fresh interpreter and give the third-party packages that are loaded then."""
    code = f"{statements}\nimport sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(answer.stdout.split()) & {"phonenumbers", "email_validator", "idna", "dns", "dateutil"}


def test_validators_load_the_standard_library_only() -> None:
    assert loaded_after("from td_line_connectors.validators import *; mobile('TW')") == set()


def test_a_library_is_loaded_with_the_first_value_it_judges() -> None:
    assert loaded_after("from td_line_connectors.validators import *; birthday('1985-04-06')") == {"dateutil"}
    assert loaded_after("from td_line_connectors.validators import *; mobile('TW')('0912345678')") == {"phonenumbers"}
    assert loaded_after("from td_line_connectors.validators import *; email('a@b.com')") == {"email_validator", "idna"}


def test_a_country_loads_no_other_countrys_numbers() -> None:
    code = "from td_line_connectors.validators import mobile; mobile('TW')('+819012345678'); import sys"
    code += "\nprint(*sorted(name for name in sys.modules if name.startswith('phonenumbers.data.region_')))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["phonenumbers.data.region_JP"]


def test_the_face_is_what_it_says() -> None:
    assert face.__all__ == sorted(face.__all__)
    assert all(callable(getattr(face, name)) for name in face.__all__)
