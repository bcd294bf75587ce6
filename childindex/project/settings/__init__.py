"""Django's settings: `base` is every site's, `practitioner` the practitioner and console site's and every command's."""
